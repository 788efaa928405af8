// An answer that is an error by the rules of HTTP rather than by anything that went wrong inside.
import { PilothouseError } from "../../lib/errors.ts";

export class HttpError extends PilothouseError {
  readonly code = "PH_HTTP";
  override readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
