// A refusal as PVE words it: the text goes into the HTTP status line and, since 9, into the body's `message`.
export class ApiError extends Error {
  readonly status: number;
  /** Parameter errors by name; only with status 400. */
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(status: number, text: string, errors?: Readonly<Record<string, string>>) {
    super(text);
    this.name = "ApiError";
    this.status = status;
    this.errors = errors;
  }
}

export const parameterError = (errors: Readonly<Record<string, string>>): ApiError =>
  new ApiError(400, "Parameter verification failed.", errors);

export const missingGuest = (node: string, type: "qemu" | "lxc", vmid: number): ApiError => {
  const folder = type === "qemu" ? "qemu-server" : "lxc";
  return new ApiError(500, `Configuration file 'nodes/${node}/${folder}/${vmid}.conf' does not exist`);
};
