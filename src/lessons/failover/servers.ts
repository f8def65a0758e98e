/** The servers of the lesson `replicas`, made anew: this lesson kills one of them. */
export { startServers } from '../replicas/servers.ts'
