// The frame around every page: top bar, banners, the page that the address means, help.
import { useEffect } from "preact/hooks";
import { isListedPage, titleOfPage } from "../model/page-names.ts";
import { forgetSparks } from "./fleet/spark.ts";
import { byId, startLive, stopLive } from "./live/live.ts";
import { kiosk, route } from "./location.ts";
import { EntityPage } from "./pages/entity-page.tsx";
import { HomePage } from "./pages/home-page.tsx";
import { pageOf } from "./pages/index.ts";
import { LoginPage } from "./pages/login-page.tsx";
import { SetupPage } from "./pages/setup-page.tsx";
import { UnknownPage } from "./pages/unknown-page.tsx";
import { ConnectionBanner, SimulatedBanner } from "./parts/banners.tsx";
import { HelpDialog } from "./parts/help-dialog.tsx";
import { Failed, Loading } from "./parts/notice.tsx";
import { TopBar } from "./parts/top-bar.tsx";
import type { Route } from "./route.ts";
import { about, checkSession, session } from "./session.ts";

const retryMs = 5000;

export function App() {
  const where = route.value;
  const signedIn = session.value.at === "in";
  useEffect(() => {
    if (!signedIn) return undefined;
    startLive();
    return () => {
      stopLive();
      forgetSparks();
    };
  }, [signedIn]);
  useEffect(() => {
    if (session.value.at !== "failed") return undefined;
    const timer = setTimeout(() => void checkSession(), retryMs);
    return () => clearTimeout(timer);
  }, [session.value]);
  useEffect(() => {
    document.title = titleOf(where);
  });
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      {!kiosk.value && <TopBar />}
      <SimulatedBanner />
      {signedIn && <ConnectionBanner />}
      <main id="main" tabIndex={-1}>
        <Page where={where} />
      </main>
      <HelpDialog />
    </>
  );
}

function Page({ where }: { readonly where: Route }) {
  const state = session.value;
  const retry = (): void => void checkSession();
  if (where.page === "setup") return <SetupPage />;
  if (state.at === "failed") return <Failed what="The page" message={state.message} retry={retry} />;
  if (state.at === "checking") return <Loading what="the page" />;
  if (state.at === "out" || where.page === "login") return <LoginPage />;
  if (isListedPage(where.page)) {
    const Listed = pageOf[where.page];
    return <Listed key={where.page} />;
  }
  switch (where.page) {
    case "home":
      return <HomePage />;
    case "entity":
      return <EntityPage key={where.id} id={where.id} />;
    case "unknown":
      return <UnknownPage />;
  }
}

function titleOf(where: Route): string {
  const host = about.value?.demo === true ? "Pilothouse (demo)" : "Pilothouse";
  if (where.page === "entity") return `${byId.value.get(where.id)?.name ?? where.id} · ${host}`;
  if (isListedPage(where.page)) return `${titleOfPage(where.page)} · ${host}`;
  const names = { home: "Fleet", login: "Log in", setup: "Set up", unknown: "Not found" } as const;
  return `${names[where.page]} · ${host}`;
}
