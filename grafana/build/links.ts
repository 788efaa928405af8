// Where a click on a row leads: one level down, with the cluster, node or guest of the row.
const to = (name: string, variables: string): string =>
  `/d/pilothouse-${name}/?var-datasource=\${datasource}&${variables}&\${__url_time_range}`;

const rowCluster = `var-cluster=\${__data.fields.cluster}`;

export const toCluster = { title: "Open the cluster", url: to("cluster", rowCluster) };
export const toNode = { title: "Open the node", url: to("node", `${rowCluster}&var-node=\${__data.fields.node}`) };
export const toGuest = { title: "Open the guest", url: to("guest", `${rowCluster}&var-guest=\${__data.fields.vmid}`) };
