// Home: problems, the fleet in numbers, everything in one table, tasks.
import { useState } from "preact/hooks";
import { now } from "../clock.ts";
import { changeView, homeRows, noteTableDrawn, setFilter, tableView } from "../fleet/home-view.ts";
import { isCluster } from "../fleet/table-rows.ts";
import { connection, fleet, openProblems, periodSeconds, totals } from "../live/live.ts";
import { kiosk } from "../location.ts";
import { FleetGrid } from "../parts/fleet-grid.tsx";
import { FleetTools } from "../parts/fleet-tools.tsx";
import { JobProgress } from "../parts/job-progress.tsx";
import { Empty, Loading } from "../parts/notice.tsx";
import { Problems } from "../parts/problems.tsx";
import { TasksPanel } from "../parts/tasks-panel.tsx";
import { LoadingTiles, Tiles } from "../parts/tiles.tsx";

export function HomePage() {
  return (
    <>
      <h1 class="hidden">Fleet</h1>
      <Problems problems={openProblems.value} />
      {fleet.value === null && <LoadingTiles />}
      {fleet.value !== null && fleet.value.length > 0 && (
        <Tiles totals={totals.value} clusters={fleet.value.filter(isCluster)} />
      )}
      <JobProgress />
      <Everything />
      <TasksPanel />
    </>
  );
}

function Everything() {
  const rows = homeRows.value;
  return (
    <section class="panel" aria-label="Everything">
      <header>
        <h2>Everything</h2>
        {!kiosk.value && <FleetTools />}
      </header>
      <FleetBody />
      {fleet.value !== null && rows.total > 0 && rows.matching === 0 && (
        <Empty>
          Nothing matches “{tableView.value.filter}”.{" "}
          <button type="button" class="plain" onClick={() => setFilter("")}>
            clear the filter
          </button>
        </Empty>
      )}
    </section>
  );
}

function FleetBody() {
  const all = fleet.value;
  if (all === null) return connection.value.at === "lost" ? <Unreached /> : <Loading what="the fleet" />;
  if (all.length === 0) return <FirstSample />;
  return (
    <FleetGrid
      main
      label="Everything"
      rows={homeRows.value.rows}
      view={tableView.value}
      onChange={changeView}
      onDrawn={noteTableDrawn}
    />
  );
}

const Unreached = () => (
  <Empty>
    The fleet could not be loaded: Pilothouse does not answer. It is tried again by itself; if it stays, see whether the
    service runs (systemctl status pilothouse).
  </Empty>
);

/** An empty fleet right after the start is normal for one poll; after that something is in the way. */
function FirstSample() {
  const [since] = useState(() => now.peek());
  const left = Math.ceil(periodSeconds.value - (now.value - since) / 1000);
  if (left > 0) return <Empty>No data yet: first sample in {left} s.</Empty>;
  return (
    <Empty>
      No data yet: still waiting for the first answer of a cluster. Problems are named above;{" "}
      <code>pilothouse doctor</code> checks the way to each node.
    </Empty>
  );
}
