/** The servers of the lesson `pooler`, made anew. */
export { problem, startServers } from '../pooler/servers.ts'
