// Says in one sentence what is missing when Node is too old for the rest. Imported before everything else.
const oldest = 20;

if (Number.parseInt(process.versions.node, 10) < oldest) {
  console.error(`pilothouse: needs Node ${oldest} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
