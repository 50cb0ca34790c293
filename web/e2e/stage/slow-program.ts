/** A partner's own program that takes its time over each delivery, as slow as it is told. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class SlowProgram {
  /** Milliseconds before it answers. */
  delay = 0;
  private readonly seen = new Map<string, number>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const id = String(request.headers["webhook-id"]);
      request.resume().on("end", () => {
        this.seen.set(id, (this.seen.get(id) ?? 0) + 1);
        setTimeout(() => response.writeHead(200).end(), this.delay);
      });
    });
  }

  static async start(): Promise<SlowProgram> {
    const program = new SlowProgram();
    await new Promise<void>((ready) => program.server.listen(0, "127.0.0.1", ready));
    return program;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hooks`;
  }

  /** Requests that came in. */
  get count(): number {
    return [...this.seen.values()].reduce((sum, times) => sum + times, 0);
  }

  /** How many events came how often. */
  timesSeen(): Record<number, number> {
    const counted: Record<number, number> = {};
    for (const times of this.seen.values()) counted[times] = (counted[times] ?? 0) + 1;
    return counted;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
