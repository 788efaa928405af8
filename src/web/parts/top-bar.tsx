// Brand, pages, the filter box, how live the data is, theme, help and who is signed in.

import { listedPages, titleOfPage } from "../../model/page-names.ts";
import { now } from "../clock.ts";
import { setFilter, tableView } from "../fleet/home-view.ts";
import { formatAge } from "../format.ts";
import { filterBoxId, helpOpen } from "../keyboard.ts";
import { connection, totals } from "../live/live.ts";
import { go, homeLink, linkTo, path } from "../location.ts";
import { isAnonymous, logOut, me } from "../session.ts";
import { nextTheme, theme } from "../theme.ts";
import { isStale } from "./age.tsx";
import { Link } from "./link.tsx";
import { UserMenu } from "./user-menu.tsx";

export function TopBar() {
  return (
    <header class="top">
      <Link to={homeLink()} class="brand">
        <span class="brand-dot" aria-hidden="true" />
        Pilothouse
      </Link>
      {me.value !== null && (
        <>
          <nav aria-label="Pages">
            <Link to={homeLink()} current={path.value === "/"}>
              Fleet
            </Link>
            {listedPages.map((name) => (
              <Link key={name} to={`/${name}`} current={path.value === `/${name}`}>
                {titleOfPage(name)}
              </Link>
            ))}
          </nav>
          <FilterBox />
          <LiveState />
        </>
      )}
      <div class="tools">
        <button
          type="button"
          class="icon"
          onClick={nextTheme}
          aria-label={`Theme: ${theme.value}`}
          title={`Theme: ${theme.value}`}
        >
          {theme.value === "auto" ? "◐" : theme.value === "light" ? "☀" : "☾"}
        </button>
        <button
          type="button"
          class="icon"
          aria-label="Help"
          title="Keys and filter words (?)"
          onClick={() => {
            helpOpen.value = true;
          }}
        >
          ?
        </button>
        <Reader />
      </div>
    </header>
  );
}

function FilterBox() {
  const atHome = path.value === "/";
  return (
    <search class="find">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const text = event.currentTarget.querySelector("input")?.value ?? "";
          if (!atHome) go(`${linkTo("/").includes("?") ? `${linkTo("/")}&` : "/?"}q=${encodeURIComponent(text)}`);
        }}
      >
        <input
          id={filterBoxId}
          type="search"
          placeholder="Find guest, node, tag"
          aria-label="Find guest, node, tag"
          autocomplete="off"
          spellcheck={false}
          // On another page the words are kept until Enter leads home.
          {...(atHome ? { value: tableView.value.filter } : {})}
          onInput={(event) => {
            if (atHome) setFilter(event.currentTarget.value);
          }}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}

/** `● live · 4 s`: the way the data comes, and the age of the newest value. */
function LiveState() {
  const { newestAt, periodSeconds } = totals.value;
  const state = connection.value.at;
  const stale = newestAt !== null && isStale(newestAt, periodSeconds, now.value);
  const level = state === "lost" ? "bad" : stale || state !== "live" ? "warn" : "ok";
  const words = { connecting: "connecting", live: stale ? "stale" : "live", polling: "polling", lost: "offline" }[
    state
  ];
  const mark = { ok: "●", warn: "▲", bad: "■" }[level];
  return (
    <span class={`live ${level}`} title="Age of the newest value">
      <span aria-hidden="true">{mark}</span> {words}
      {newestAt !== null && ` · ${formatAge((now.value - newestAt) / 1000)}`}
    </span>
  );
}

function Reader() {
  const reader = me.value;
  if (reader === null) return null;
  if (isAnonymous(reader)) {
    return (
      <Link to="/login" class="reader">
        Log in
      </Link>
    );
  }
  return (
    <span class="reader">
      {reader.kind === "user" ? (
        <UserMenu name={reader.name} role={reader.role} />
      ) : (
        <span class="dim" title={`role: ${reader.role}`}>
          {reader.name}
        </span>
      )}
      <button type="button" class="plain" onClick={() => void logOut()}>
        Log out
      </button>
    </span>
  );
}
