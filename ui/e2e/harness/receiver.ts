import { type IncomingHttpHeaders, type Server as HttpServer, createServer } from 'node:http'

export interface Hit {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** Where deliveries arrive: remembers, and answers as it is told. */
export class Receiver {
  readonly hits: Hit[] = []
  /** What the next calls are answered with. */
  status = 200
  body = ''
  headers: Record<string, string> = {}

  private constructor(
    private readonly server: HttpServer,
    readonly port: number,
  ) {}

  static async start(): Promise<Receiver> {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('the receiver has no address')
    const receiver = new Receiver(server, address.port)
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        receiver.hits.push({ path: request.url ?? '', headers: request.headers, body })
        response.writeHead(receiver.status, receiver.headers).end(receiver.body)
      })
    })
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((closed) => this.server.close(closed))
  }
}
