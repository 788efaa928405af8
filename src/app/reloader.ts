// Takes up a changed configuration while the service runs. All or nothing: a file that is wrong in any place changes
// nothing, and what is wrong with it stands in the log and on the list of problems, with its place.
import { type ConfigChanges, clusterChanges, keysForNextStart, type LoadedConfig } from "../config/index.ts";
import { ConfigError, describeError, InputError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { ProblemSink } from "../model/problem.ts";

export interface ConfigAccess {
  /** What the service was started with. */
  readonly started: LoadedConfig;
  /** Reads file, variables and secrets again; throws a ConfigError that names every problem with its place. */
  readonly read: () => LoadedConfig;
}

export interface ReloadReport {
  /** One line per cluster that changed, "lab: added". */
  readonly changes: readonly string[];
  /** Keys that have changed and take effect at the next start. */
  readonly nextStart: readonly string[];
}

export interface ReloaderOptions {
  /** null: there is no configuration to read, as in the demo. */
  readonly config: ConfigAccess | null;
  readonly apply: (changes: ConfigChanges) => Promise<void>;
  readonly problems: ProblemSink;
  readonly log: Log;
}

const subject = "pilothouse";
const refusedCode = "configuration_refused";
const restartCode = "restart_needed";
/** A file that is not the configuration at all can be wrong in a hundred places; the log has them all. */
const mostShown = 3;

export class Reloader {
  readonly #options: ReloaderOptions;
  #current: LoadedConfig | null;
  #applying: Promise<void> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#current = options.config?.started ?? null;
  }

  /**
   * Resolves once the changes are decided on; clusters that have to end first take their time in the background.
   * Throws the ConfigError, and then everything goes on as it was.
   */
  reload(): ReloadReport {
    const { config, problems, log } = this.#options;
    if (config === null || this.#current === null) {
      throw new InputError("The demo has no configuration that could be read again.");
    }
    const now = this.#read(config);
    const changes = clusterChanges(this.#current.settings.clusters, now.settings.clusters);
    const nextStart = keysForNextStart(config.started, now);
    this.#current = now;
    this.#applying = this.#applying.then(() => this.#apply(changes));
    problems.clear(refusedCode, subject);
    this.#tellNextStart(nextStart);
    const report = { changes: linesOf(changes), nextStart };
    log.info(report, "configuration read again");
    return report;
  }

  /** Resolves when all that was decided on is done. */
  async settled(): Promise<void> {
    await this.#applying;
  }

  #read(config: ConfigAccess): LoadedConfig {
    try {
      return config.read();
    } catch (error) {
      this.#refuse(error);
      throw error;
    }
  }

  #refuse(error: unknown): void {
    const lines = describeError(error).split("\n");
    const more = lines.length > mostShown ? ` (and ${lines.length - mostShown} more)` : "";
    this.#options.log.error({ problems: lines }, "the configuration is wrong; the old one goes on");
    this.#options.problems.raise({
      code: refusedCode,
      subject,
      severity: "warning",
      message: `The changed configuration is not taken up, the old one goes on: ${lines.slice(0, mostShown).join("; ")}${more}`,
      remedy: "Correct it until `pilothouse check-config` is content, then run `pilothouse reload`.",
    });
  }

  async #apply(changes: ConfigChanges): Promise<void> {
    try {
      await this.#options.apply(changes);
    } catch (error) {
      this.#options.log.error({ err: error }, "a changed configuration could not be taken up as a whole");
      this.#refuse(new ConfigError(`it could not be taken up as a whole: ${describeError(error)}`, { cause: error }));
    }
  }

  #tellNextStart(keys: readonly string[]): void {
    const { problems } = this.#options;
    if (keys.length === 0) {
      problems.clear(restartCode, subject);
      return;
    }
    problems.raise({
      code: restartCode,
      subject,
      severity: "info",
      message: `Changed settings wait for the next start: ${keys.join(", ")}.`,
      remedy: "Restart the service when it suits you; nothing is lost by it.",
    });
  }
}

function linesOf({ added, removed, changed, signedInAnew }: ConfigChanges): readonly string[] {
  return [
    ...added.map(({ id }) => `${id}: added`),
    ...removed.map((id) => `${id}: removed`),
    ...changed.map(({ id }) => `${id}: changed, polled anew`),
    ...signedInAnew.map(({ id }) => `${id}: signs in with what is configured now`),
  ];
}
