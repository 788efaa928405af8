// What the process ends with; the help and the reference page list the same table.

export const exitCodes = [
  [0, "done"],
  [1, "failed, or doctor found something broken"],
  [2, "wrong command line"],
  [69, "unavailable: a cluster, the service, a port or the disk"],
  [75, "in use by another process; try again later"],
  [76, "a server is not what it should be: certificate or answer"],
  [77, "no permission, or the token was refused"],
  [78, "wrong configuration"],
] as const satisfies readonly (readonly [number, string])[];
