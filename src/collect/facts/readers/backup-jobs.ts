// Backup jobs, and the guests that none of them includes.
import { aFact } from "../../../model/facts.ts";
import { backupJobs as askJobs, uncoveredGuests } from "../../../pve/index.ts";
import { type FactReader, ms, orNull } from "../fact-reader.ts";

export const backupJobs: FactReader<"cluster"> = {
  name: "backup_jobs",
  scope: "cluster",
  tells: ["backup_job", "not_backed_up"],
  needs: ["Sys.Audit"],
  async read({ pve, options, fleet }, cluster) {
    const jobs = (await askJobs(pve, options)).data.rows;
    const uncovered = (await uncoveredGuests(pve, options)).data.rows;
    return {
      facts: [
        ...jobs.map((job) =>
          aFact("backup_job", cluster.id, job.id, {
            job: job.id,
            enabled: job.enabled,
            schedule: orNull(job.schedule),
            selection: orNull(job.selection),
            storage: orNull(job.storage),
            mode: orNull(job.mode),
            keep: orNull(job.keep),
            next_run_at: ms(job.nextRunS),
            comment: orNull(job.comment),
          }),
        ),
        ...uncovered.map(({ vmid, name }) =>
          aFact("not_backed_up", fleet.subjectOf(vmid), fleet.guest(vmid) === undefined ? String(vmid) : "", {
            vmid,
            guest: orNull(name),
          }),
        ),
      ],
    };
  },
};
