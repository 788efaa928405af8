// What Pilothouse promises about faults, one line each: the text, and the tests that prove it. `npm run promises` runs
// them and prints who kept their word. One more promise is one file here and one line below.

export interface Proof {
  /** From the root of the project. */
  readonly file: string;
  /** Tests whose full name contains this; every test of the file when left out. */
  readonly test?: string;
}

export interface PromiseEntry {
  readonly id: string;
  readonly text: string;
  /** ci: runs with `npm test` and in every CI run. all: takes long, and runs when it is asked for. */
  readonly tier: "ci" | "all";
  readonly proofs: readonly Proof[];
  /** Why nothing proves it yet. Such a promise is shown as not run, whatever its proofs say. */
  readonly notYet?: string;
}

const own = (name: string): Proof => ({ file: `test/promises/${name}.test.ts` });
const faults = (test: string): Proof => ({ file: "test/pve/faults.test.ts", test });
const trust = (test: string): Proof => ({ file: "test/pve/trust.test.ts", test });
const failover = (test: string): Proof => ({ file: "test/pve/failover.test.ts", test });

const backup = (test: string): Proof => ({ file: "test/store/backup.test.ts", test });
const delivery = (test: string): Proof => ({ file: "test/store/delivery.test.ts", test });

const collecting: readonly PromiseEntry[] = [
  {
    id: "C1",
    text: "A dead or hanging node delays no other by more than 2 s; it is named with the reason, its guests get a gap, never zeros",
    tier: "ci",
    proofs: [own("c01-node-down")],
  },
  {
    id: "C2",
    text: "When the endpoint dies another one answers within the same slot, and is kept for five minutes",
    tier: "ci",
    proofs: [own("c02-endpoint-down"), failover("answer for each other within one call")],
  },
  {
    id: "C3",
    text: "A cluster that takes 5, 15, 29 or 45 s per answer is never asked twice at once nor harder; what was left out is counted and caught up",
    tier: "ci",
    proofs: [own("c03-slow-cluster")],
  },
  {
    id: "C4",
    text: "An expired ticket or a stale CSRF token costs one sign-in; a refused token or password is tried once a minute and said",
    tier: "ci",
    proofs: [{ file: "test/pve/ticket.test.ts" }, faults("is tried once a minute, and everything else fails at once")],
  },
  {
    id: "C5",
    text: "Malformed, cut, huge and bomb-like answers crash nothing; each is read as far as it goes or refused as what it is",
    tier: "ci",
    proofs: [
      own("c05-malformed"),
      faults("is cut off at the limit"),
      faults("is a PveAnswerError that says what was seen"),
      { file: "test/collect/cluster-poller.test.ts", test: "costs that answer and nothing more" },
    ],
  },
  {
    id: "C6",
    text: "Trouble that may pass is tried twice more within the slot; what changes something is never sent twice",
    tier: "ci",
    proofs: [
      faults("is tried twice more and then told"),
      faults("is never repeated"),
      faults("is no trouble when a kept"),
    ],
  },
  {
    id: "C7",
    text: "A guest that migrates in the middle of a poll stays one series with one sample per moment",
    tier: "ci",
    proofs: [own("c07-migration")],
  },
  {
    id: "C8",
    text: "The next guest under a vmid has a history of its own, however soon it comes",
    tier: "ci",
    proofs: [own("c08-vmid-reuse")],
  },
  {
    id: "C9",
    text: "Counters that restart, jump, stand still or are not read never become negative or impossible traffic",
    tier: "ci",
    proofs: [own("c09-counters")],
  },
  {
    id: "C10",
    text: "Clocks that step or drift, ours or a node's, lose, double and misdate no sample; more than 30 s is said, and a clock set right is followed",
    tier: "ci",
    proofs: [own("c10-clocks")],
  },
  {
    id: "C11",
    text: "Samples that come twice or out of order are stored once",
    tier: "ci",
    proofs: [own("c11-doubled")],
  },
  {
    id: "C12",
    text: "A hung storage is said within two slots, leaves a gap, and keeps nothing else from being measured",
    tier: "ci",
    proofs: [own("c12-hung-storage")],
  },
  {
    id: "C13",
    text: "A certificate that is not the pinned one is refused before the token is sent, said, and never trusted by itself",
    tier: "ci",
    proofs: [
      trust("refuses another certificate before any request"),
      trust("refuses a changed certificate again and again"),
      failover("with a changed certificate are refused before any request"),
      { file: "test/collect/cluster-poller.test.ts", test: "a wrong certificate is refused before the token is sent" },
    ],
  },
  {
    id: "C14",
    text: "Names with commas, quotes, line breaks, formulas or any script come through inventory, databases and CSV unchanged; FQDN and IPv6 too",
    tier: "ci",
    proofs: [own("c14-names"), failover("have IPv6 addresses"), trust("works over IPv6")],
  },
  {
    id: "C15",
    text: "A dead endpoint is left alone after three failures, tried every 30 s, and used again within a slot of its answer",
    tier: "ci",
    proofs: [own("c15-dead-endpoint"), failover("leaves a dead endpoint alone after three failed calls")],
  },
];

const storing: readonly PromiseEntry[] = [
  {
    id: "D1",
    text: "kill -9 at any moment loses, tears and doubles nothing that was acknowledged; collecting goes on within 5 s",
    tier: "ci",
    proofs: [own("d01-kill"), { file: "test/store/crash.test.ts" }],
  },
  {
    id: "D2",
    text: "After an outage of a sink of 180 slots, in every way to fail, all rows are there once, the newest first, drained over 20 times as fast as they came",
    tier: "ci",
    proofs: [delivery("an outage of 180 slots"), delivery("costs disk and no memory while a sink is down")],
  },
  {
    id: "D3",
    text: "A sink that refuses our token is held: nothing is dropped, it is said, and all is delivered once it is mended",
    tier: "ci",
    proofs: [delivery("refuses our token is held")],
  },
  {
    id: "D4",
    text: "One row in 5,000 that a sink can never take goes to the rejected file, counted; the 4,999 others are stored",
    tier: "ci",
    proofs: [delivery("cannot take one row in 5,000")],
  },
  {
    id: "D5",
    text: "At its bound the journal drops whole polls, the oldest, counts them exactly and says so",
    tier: "ci",
    proofs: [own("d05-journal-bound")],
  },
  {
    id: "D6",
    text: "A full disk stops neither collecting nor reading, is said within 30 s, and costs nothing once there is space",
    tier: "ci",
    proofs: [own("d06-disk-full"), { file: "test/store/disk-full.test.ts" }],
  },
  {
    id: "D7",
    text: "A damaged database is put aside whole, said, and filled again from the journal, while the service runs within 10 s",
    tier: "ci",
    proofs: [own("d07-damage"), { file: "test/store/damage.test.ts" }],
  },
  {
    id: "D8",
    text: "SIGTERM lets what is under way finish, tells every stream why, loses nothing and ends with 0 within 10 s; a second signal ends at once",
    tier: "ci",
    proofs: [own("d08-shutdown")],
  },
  {
    id: "D9",
    text: "A second instance on the same data names the first and ends with 75; after a kill the next one takes over within 30 s",
    tier: "ci",
    proofs: [own("d09-one-instance"), { file: "test/store/lock.test.ts" }],
  },
  {
    id: "D9b",
    text: "Two instances that write one InfluxDB notice each other, and neither acts nor alerts twice",
    tier: "ci",
    proofs: [],
    notYet: "there is no InfluxDB sink with instance ids yet",
  },
  {
    id: "D10",
    text: "An upgrade that is killed before any of its statements leaves the old or the new schema, and the next start finishes it",
    tier: "ci",
    proofs: [own("d10-upgrade")],
  },
  {
    id: "D10b",
    text: "Before an upgrade a backup is made",
    tier: "ci",
    proofs: [],
    notYet: "upgrades make no backup yet",
  },
  {
    id: "D11",
    text: "Backup, wipe and restore give equal rows and checksums, also while samples come in; a damaged backup is refused",
    tier: "ci",
    proofs: [backup("then wiped and restored"), backup("that was damaged is refused before anything is written")],
  },
  {
    id: "D11b",
    text: "A backup of 1 GB is restored within five minutes",
    tier: "all",
    proofs: [],
    notYet: "no test makes a store of that size",
  },
  {
    id: "D12",
    text: "A day at ten times speed: memory, files and delays do not grow",
    tier: "all",
    proofs: [],
    notYet: "the soak is not written yet",
  },
];

export const promises: readonly PromiseEntry[] = [...collecting, ...storing];
