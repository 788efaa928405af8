// Starts a worker thread from a module beside the caller, whether the program runs built (.js) or straight from the
// sources under tsx or vitest (.ts).
import { Worker, type WorkerOptions } from "node:worker_threads";

/** Megabytes for short-lived objects. V8's own choice is made for throughput, and every thread of ours would have it. */
const maxYoungGenerationSizeMb = 8;

/** `module` is relative to `base` (the caller's import.meta.url) and written with its source ending, `./x.ts`. */
export function startWorker(module: string, base: string, wanted: WorkerOptions = {}): Worker {
  const fromSource = base.endsWith(".ts");
  const options: WorkerOptions = { resourceLimits: { maxYoungGenerationSizeMb }, ...wanted };
  const url = new URL(fromSource ? module : module.replace(/\.ts$/, ".js"), base);
  if (!fromSource) return new Worker(url, options);
  // A worker inherits no loader, so it first registers the one that reads TypeScript.
  const boot = `const { register } = await import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))});
    register(); await import(${JSON.stringify(url.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(boot)}`), options);
}
