// One change of a what-if: what, how many, like what, from when.
import { useState } from "preact/hooks";
import type { Change } from "../capacity/item.ts";
import { fleet } from "../live/live.ts";

const kinds = {
  add_guests: "Add guests",
  add_nodes: "Add nodes",
  lose_node: "Lose a node",
  remove_node: "Retire a node",
  remove_guests: "Remove a guest",
  grow_demand: "Grow demand",
} as const;
type Kind = keyof typeof kinds;

const gibibyte = 2 ** 30;

interface Fields {
  readonly count: string;
  readonly like: string;
  readonly cores: string;
  readonly memory: string;
  readonly disk: string;
  readonly percent: string;
  readonly at: string;
}
const empty: Fields = { count: "1", like: "", cores: "", memory: "", disk: "", percent: "10", at: "" };

interface Changed {
  readonly currentTarget: { readonly value: string };
}

interface Props {
  readonly cluster: string;
  readonly onAdd: (change: Change) => void;
}

export function ChangeForm({ cluster, onAdd }: Props) {
  const [kind, setKind] = useState<Kind>("add_guests");
  const [fields, setFields] = useState(empty);
  const set = (name: keyof Fields) => (event: Changed) => {
    // Read now: the event has no target any more when the state is made.
    const { value } = event.currentTarget;
    setFields((before) => ({ ...before, [name]: value }));
  };
  const change = changeOf(kind, fields);
  const has = (...some: readonly Kind[]): boolean => some.includes(kind);
  const number = (
    name: keyof Fields,
    label: string,
    attributes: { readonly min?: string; readonly step?: string } = {},
  ) => (
    <label>
      {label}
      <input type="number" min="0" step="any" value={fields[name]} onInput={set(name)} {...attributes} />
    </label>
  );
  return (
    <form
      class="change-form"
      aria-label="A change"
      onSubmit={(event) => {
        event.preventDefault();
        if (change !== null) onAdd(change);
      }}
    >
      <label>
        What
        <select
          aria-label="What"
          value={kind}
          onChange={(event) => {
            setKind(event.currentTarget.value as Kind);
            setFields(empty);
          }}
        >
          {Object.entries(kinds).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {has("add_guests", "add_nodes") && number("count", "How many", { min: "1", step: "1" })}
      {!has("grow_demand") && <Like kind={kind} cluster={cluster} value={fields.like} onChange={set("like")} />}
      {has("add_guests", "add_nodes") && fields.like === "" && (
        <>
          {number("cores", kind === "add_nodes" ? "Cores" : "Cores kept busy")}
          {number("memory", "Memory, GiB")}
        </>
      )}
      {has("add_guests") && number("disk", "Disk, GiB")}
      {has("grow_demand") && number("percent", "By percent", { min: "-90" })}
      {!has("lose_node") && (
        <label>
          From
          <input type="date" value={fields.at} onInput={set("at")} />
        </label>
      )}
      <button type="submit" class="plain" disabled={change === null}>
        add
      </button>
    </form>
  );
}

interface LikeProps {
  readonly kind: Kind;
  readonly cluster: string;
  readonly value: string;
  readonly onChange: (event: Changed) => void;
}

function Like({ kind, cluster, value, onChange }: LikeProps) {
  const wantsNode = kind === "add_nodes" || kind === "lose_node" || kind === "remove_node";
  const choices = (fleet.value ?? [])
    .filter((item) => item.cluster === cluster && item.kind === (wantsNode ? "node" : "guest"))
    .filter((item) => item.kind !== "guest" || (item.status === "running" && !item.template))
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const isModel = kind === "add_nodes" || kind === "add_guests";
  return (
    <label>
      {isModel ? "Like" : "Which"}
      <select aria-label={isModel ? "Like" : "Which"} value={value} onChange={onChange}>
        <option value="">{isModel ? "of this size" : "choose"}</option>
        {choices.map(({ id, name }) => (
          <option key={id} value={wantsNode ? name : id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Null while something is missing. */
function changeOf(kind: Kind, fields: Fields): Change | null {
  const { like } = fields;
  const at = fields.at === "" ? null : fields.at;
  const [count, cores, memory] = [numberOf(fields.count), numberOf(fields.cores), bytesOf(fields.memory)];
  const isSized = like !== "" || (cores !== null && memory !== null);
  const size = { like: like === "" ? null : like, cpu_cores: cores, memory_bytes: memory };
  switch (kind) {
    case "add_guests":
      if (count === null || count < 1 || !isSized) return null;
      return { change: kind, count, ...size, disk_bytes: bytesOf(fields.disk), storage: null, ha: true, at };
    case "add_nodes":
      if (count === null || count < 1 || !isSized) return null;
      return { change: kind, count, ...size, cpu_threads: null, storage_bytes: 0, at };
    case "lose_node":
      return like === "" ? null : { change: kind, node: like };
    case "remove_node":
      return like === "" ? null : { change: kind, node: like, at };
    case "remove_guests":
      return like === "" ? null : { change: kind, guests: [like], at };
    case "grow_demand": {
      const percent = numberOf(fields.percent);
      return percent === null ? null : { change: kind, percent, at };
    }
  }
}

function numberOf(text: string): number | null {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

function bytesOf(text: string): number | null {
  const value = numberOf(text);
  return value === null ? null : value * gibibyte;
}
