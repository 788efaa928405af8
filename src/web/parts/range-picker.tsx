// PVE's hour, day, week, month, year, and a free range.
import { formatClock, formatDay } from "../format.ts";
import { presets, printRange, type Range } from "../graph/range.ts";
import { pushQuery } from "../location.ts";
import { Menu } from "./menu.tsx";

export const showRange = (range: Range): void => pushQuery(printRange(range));

export function RangePicker({
  range,
  fromMs,
  toMs,
}: {
  readonly range: Range;
  readonly fromMs: number;
  readonly toMs: number;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and no meaning that the group lacks.
    <div class="ranges" role="group" aria-label="Time range">
      {presets.map((preset) => (
        <button key={preset} type="button" aria-pressed={range.preset === preset} onClick={() => showRange({ preset })}>
          {preset}
        </button>
      ))}
      <Menu label={range.preset === null ? `${moment(fromMs)} – ${moment(toMs)}` : "from – to"}>
        <form
          class="free-range"
          onSubmit={(event) => {
            event.preventDefault();
            submit(event.currentTarget);
          }}
        >
          <label>
            From <input type="datetime-local" name="from" required defaultValue={localInput(fromMs)} />
          </label>
          <label>
            To <input type="datetime-local" name="to" required defaultValue={localInput(toMs)} />
          </label>
          <button type="submit" class="primary">
            Show
          </button>
        </form>
      </Menu>
    </div>
  );
}

function submit(form: HTMLFormElement): void {
  const fields = new FormData(form);
  const [from, to] = [new Date(fields.get("from") as string).getTime(), new Date(fields.get("to") as string).getTime()];
  const details = form.closest("details");
  if (details !== null) details.open = false;
  if (from !== to) showRange({ preset: null, fromMs: Math.min(from, to), toMs: Math.max(from, to) });
}

const moment = (ms: number): string => `${formatDay(ms)} ${formatClock(ms)}`;

/** The value of a datetime-local field: local time without a zone. */
function localInput(ms: number): string {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}
