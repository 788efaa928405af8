// Lines above the page: that the data is simulated, and that the connection is gone.
import { now } from "../clock.ts";
import { formatClockSeconds } from "../format.ts";
import { connection, retryNow, totals } from "../live/live.ts";
import { about } from "../session.ts";

export function SimulatedBanner() {
  if (about.value?.simulated !== true && about.value?.demo !== true) return null;
  return (
    <p class="banner simulated">
      <strong>Simulated data.</strong> This cluster does not exist; it ships with Pilothouse to look around.
    </p>
  );
}

export function ConnectionBanner() {
  const state = connection.value;
  if (state.at !== "lost") return null;
  const { newestAt } = totals.value;
  const waitSeconds = state.retryAtMs === null ? 0 : Math.ceil((state.retryAtMs - now.value) / 1000);
  return (
    <div class="banner lost" role="alert">
      <span>
        <strong>Connection lost.</strong>{" "}
        {newestAt === null ? "Nothing has been received yet." : `Values are as of ${formatClockSeconds(newestAt)}.`}{" "}
        {waitSeconds > 0 ? `Trying again in ${waitSeconds} s.` : "Trying again."}
      </span>
      <button type="button" class="plain" onClick={retryNow}>
        try now
      </button>
    </div>
  );
}
