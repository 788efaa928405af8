// Whether graphs show how they go on; it stands in the address, as every other choice.
import { computed } from "@preact/signals";
import { query, setQuery } from "../location.ts";

export const forecastsShown = computed(() => query.value.get("forecast") === "1");

export const toggleForecasts = (): void => setQuery({ forecast: forecastsShown.peek() ? null : "1" });
