#!/usr/bin/env node
// The process: looks at Node's version before anything newer is loaded, and hands the command line what it needs.

const oldestNode = 20;

async function main(): Promise<number> {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    process.stderr.write(`pilothouse: needs Node ${oldestNode} or newer; this is ${process.versions.node}.\n`);
    return 1;
  }
  const [{ runCli }, { productVersion }] = await Promise.all([import("./cli/run.ts"), import("./cli/version.ts")]);
  // Who reads our output may stop early (`pilothouse config show | head`); that is no fault.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return runCli(
    {
      argv: process.argv.slice(2),
      env: process.env,
      cwd: process.cwd(),
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      onSignal: (listener) => {
        process.on("SIGINT", listener).on("SIGTERM", listener);
        return () => process.off("SIGINT", listener).off("SIGTERM", listener);
      },
      onHangup: (listener) => {
        process.on("SIGHUP", listener);
      },
      exit: (code) => process.exit(code),
    },
    productVersion(),
  );
}

process.exitCode = await main();
