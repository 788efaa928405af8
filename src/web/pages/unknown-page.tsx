// An address that means nothing here.
import { Link } from "../parts/link.tsx";

export function UnknownPage() {
  return (
    <section class="panel" aria-label="Not found">
      <header>
        <h1>There is no such page</h1>
      </header>
      <p class="notice">
        The address may be mistyped or cut off. <Link to="/">Go to the fleet</Link>
      </p>
    </section>
  );
}
