// One cluster, node, guest or storage: what it is and does now, its graphs, what it holds, its tasks.
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError, callApi, sentence } from "../api.ts";
import { stateOf } from "../fleet/entity-state.ts";
import { type FleetItem, kindLabel, type TaskItem } from "../fleet/item.ts";
import { isNode } from "../fleet/table-rows.ts";
import { useEvents } from "../graph/events.ts";
import { graphSpecs } from "../graph/graph-spec.ts";
import { parseRange } from "../graph/range.ts";
import { byId, connection, fleet, openProblems, problemOf } from "../live/live.ts";
import { query } from "../location.ts";
import { Age } from "../parts/age.tsx";
import { Contents } from "../parts/contents.tsx";
import { EventsPanel } from "../parts/events-panel.tsx";
import { Facts } from "../parts/facts.tsx";
import { FactsSection } from "../parts/facts-section.tsx";
import { GraphsSection } from "../parts/graphs-section.tsx";
import { Link } from "../parts/link.tsx";
import { Empty, Failed, Loading } from "../parts/notice.tsx";
import { Problems } from "../parts/problems.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { TasksPanel } from "../parts/tasks-panel.tsx";
import { entityPath } from "../route.ts";

export function EntityPage({ id }: { readonly id: string }) {
  const live = byId.value.get(id);
  const stored = useStored(id, live === undefined && fleet.value !== null);
  const item = live ?? stored.item;
  if (item !== null) return <Entity item={item} />;
  if (stored.missing) return <Missing id={id} />;
  if (stored.error !== null) return <Failed what="This page" message={stored.error} retry={stored.retry} />;
  return connection.value.at === "lost" ? (
    <Empty>Pilothouse does not answer; it is tried again by itself.</Empty>
  ) : (
    <Loading what={id} />
  );
}

interface Stored {
  readonly item: FleetItem | null;
  readonly missing: boolean;
  readonly error: string | null;
  readonly retry: () => void;
}

/** What is gone is no longer in the live picture; its description and history are still there. */
function useStored(id: string, wanted: boolean): Stored {
  const [answer, setAnswer] = useState<Omit<Stored, "retry">>({ item: null, missing: false, error: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    callApi<FleetItem>(`/entities/${encodeURIComponent(id)}`).then(
      (item) => setAnswer({ item, missing: false, error: null }),
      (error: unknown) => {
        const missing = error instanceof ApiError && (error.status === 404 || error.status === 400);
        setAnswer({ item: null, missing, error: missing ? null : sentence(error) });
      },
    );
  }, [id, wanted, attempt]);
  return { ...answer, retry: () => setAttempt((count) => count + 1) };
}

function Missing({ id }: { readonly id: string }) {
  return (
    <section class="panel" aria-label="Not found">
      <header>
        <h1>{id} is not known</h1>
      </header>
      <p class="notice">
        It never existed here, or you may not see it. <Link to="/">Go to the fleet</Link>
      </p>
    </section>
  );
}

function Entity({ item }: { readonly item: FleetItem }) {
  const nodes = (fleet.value ?? []).filter((other) => isNode(other) && other.cluster === item.cluster);
  const nodeNames = nodes.map((node) => node.id).join();
  // Kept while the fleet ticks, so that graphs are not fetched at every poll.
  const specs = useMemo(() => graphSpecs(item, nodes), [item.id, nodeNames]);
  const events = useEvents(item.id, parseRange(query.value));
  return (
    <>
      <Head item={item} />
      <Problems problems={openProblems.value.filter((problem) => problem.subject === item.id)} />
      <Facts item={item} />
      <GraphsSection specs={specs} period={item.period_seconds} events={events} />
      <Contents item={item} />
      {item.kind !== "storage" && <TasksPanel only={(task) => concerns(task, item)} title={`Tasks of ${item.name}`} />}
      <EventsPanel events={events} />
      <FactsSection item={item} />
    </>
  );
}

function concerns(task: TaskItem, item: FleetItem): boolean {
  if (task.cluster !== item.cluster) return false;
  return item.kind === "cluster" || (item.kind === "node" ? task.node === item.name : task.guest_id === item.id);
}

function Head({ item }: { readonly item: FleetItem }) {
  const state = stateOf(item, problemOf.value.get(item.id));
  return (
    <div class="entity-head">
      <nav aria-label="Path" class="crumbs">
        {crumbsOf(item).map(([id, name]) => (
          <span key={id}>
            <Link to={id === "" ? "/" : entityPath(id)}>{name}</Link> <span aria-hidden="true">›</span>{" "}
          </span>
        ))}
      </nav>
      <h1>
        <StateMark {...state} /> {item.name}
      </h1>
      <span class="dim">{kindLabel(item)}</span>
      <span class="dim">{item.gone_at === null ? state.words : "deleted; its history is kept"}</span>
      <span class="dim">
        <Age at={item.values_at} period={item.period_seconds} />
      </span>
      {item.web_url !== null && (
        <a class="external" href={item.web_url} target="_blank" rel="noreferrer">
          Open in Proxmox VE <span aria-hidden="true">↗</span>
        </a>
      )}
    </div>
  );
}

function crumbsOf(item: FleetItem): readonly (readonly [id: string, name: string])[] {
  const crumbs: (readonly [string, string])[] = [["", "Fleet"]];
  if (item.kind !== "cluster")
    crumbs.push([`${item.cluster}/cluster`, byId.value.get(`${item.cluster}/cluster`)?.name ?? item.cluster]);
  const node = item.kind === "guest" || item.kind === "storage" ? item.node : null;
  if (node !== null) crumbs.push([`${item.cluster}/node/${node}`, node]);
  return crumbs;
}
