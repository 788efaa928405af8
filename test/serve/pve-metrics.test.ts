import { describe, expect, it } from "vitest";
import { prometheusText } from "../../src/serve/prometheus/text-format.ts";
import { aServer, start } from "./serve-fixture.ts";
import { setValues } from "./small-fleet.ts";

async function scraped(path = "/metrics/pve", server?: Awaited<ReturnType<typeof aServer>>) {
  const served = server ?? (await aServer());
  const headers = await served.token("viewer");
  const answer = await served.app.inject({ url: path, headers });
  return { answer, lines: answer.body.split("\n") };
}

describe("GET /metrics/pve", () => {
  it("names nodes, guests and storages as prometheus-pve-exporter does, with the cluster beside them", async () => {
    const { answer, lines } = await scraped();

    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toContain("version=0.0.4");
    expect(lines).toContain('pve_up{cluster="lab",id="node/pve1"} 1');
    expect(lines).toContain('pve_up{cluster="lab",id="lxc/102"} 0');
    expect(lines).toContain('pve_cpu_usage_ratio{cluster="lab",id="qemu/101"} 1.5');
    expect(lines).toContain('pve_memory_usage_bytes{cluster="lab",id="node/pve1"} 8000000000');
    expect(lines).toContain(
      'pve_guest_info{cluster="lab",id="qemu/100",name="web",node="pve1",tags="web;team-a",template="0",type="qemu"} 1',
    );
    expect(lines.filter((line) => line.startsWith('pve_cluster_info{cluster="lab"'))).toHaveLength(1);
  });

  it("has a shared storage once for each node, and a gone guest not at all", async () => {
    const { lines } = await scraped();

    expect(lines.filter((line) => /^pve_storage_shared\{.*\/nfs"\} 1$/.test(line)).length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes('name="old"'))).toEqual([]);
    expect(lines.filter((line) => line.includes('name="new"'))).toHaveLength(1);
  });

  it("shows one cluster when one is asked for, and only what the scope shows", async () => {
    const server = await aServer();
    const { lines } = await scraped("/metrics/pve?cluster=other", server);
    const headers = await server.token("viewer", { clusters: ["other"] });
    const scoped = await server.app.inject({ url: "/metrics/pve", headers });

    expect(lines.some((line) => line.includes('cluster="other"'))).toBe(true);
    expect(lines.some((line) => line.includes('cluster="lab"'))).toBe(false);
    expect(scoped.body).not.toContain('cluster="lab"');
  });

  it("leaves out values that nobody has measured for five minutes, and counters that are not known", async () => {
    const server = await aServer();
    setValues(server.fleet, start + 1_000, { "lab/guest/100~1": { net_in_bytes_total: 12, running: 1 } });
    const fresh = await scraped("/metrics/pve", server);
    server.clock.advance(6 * 60_000);
    const later = await scraped("/metrics/pve", server);

    expect(fresh.lines).toContain('pve_network_receive_bytes_total{cluster="lab",id="qemu/100"} 12');
    expect(fresh.answer.body).not.toContain("pve_disk_read_bytes");
    expect(later.answer.body).not.toContain("pve_network_receive_bytes_total");
    expect(later.lines).toContain('pve_up{cluster="lab",id="qemu/100"} 1');
  });

  it("escapes whatever a guest is called", () => {
    const text = prometheusText([
      { name: "pve_guest_info", type: "gauge", help: "a\nb", samples: [{ labels: { name: 'a"b\\c\nd' }, value: 1 }] },
    ]);

    expect(text).toBe(
      '# HELP pve_guest_info a\\nb\n# TYPE pve_guest_info gauge\npve_guest_info{name="a\\"b\\\\c\\nd"} 1\n',
    );
  });
});
