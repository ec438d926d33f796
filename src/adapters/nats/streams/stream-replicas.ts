import type { ClusterInfo } from 'nats'

/** Servers that belong to the stream, whether or not they are there. A server alone is one, whatever its configuration says. */
export const memberCount = (cluster: ClusterInfo | undefined): number =>
  1 + (cluster?.replicas ?? []).length

/** Servers that hold everything at this moment. */
export const currentCount = (cluster: ClusterInfo | undefined): number => {
  const followers = (cluster?.replicas ?? []).filter(({ current, offline }) => current && !offline)
  return (cluster?.leader === '' ? 0 : 1) + followers.length
}
