import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { until } from './until'

export const BINARY = resolve(import.meta.dirname, '../../..', process.env.CAREHOOK_BINARY ?? 'target/debug/carehook')

/** How it is started: for trials, or as for live data. */
export interface Mode {
  dev: boolean
}

/** The real binary as a child on loopback, with a home of its own. */
export class Server {
  private constructor(
    private child: ChildProcess,
    private readonly home: string,
    private readonly address: string,
    private readonly mode: Mode,
    readonly key: string,
  ) {}

  static async start(mode: Mode): Promise<Server> {
    const home = mkdtempSync(join(tmpdir(), 'carehook-e2e-'))
    const address = `127.0.0.1:${await freePort()}`
    // Only --dev makes a master key of its own.
    if (!mode.dev) execFileSync(BINARY, ['keygen', join(home, 'master.key')], { stdio: 'ignore' })
    const child = run(home, address, mode)
    await ready(address, home, child).catch(async (why: unknown) => {
      await end(child)
      throw why
    })
    const key = readFileSync(join(home, 'admin.key'), 'utf8').trim()
    return new Server(child, home, address, mode, key)
  }

  get url(): string {
    return `http://${this.address}`
  }

  /** Calls the API as the admin; the answer must have the status. */
  async call<T = Record<string, unknown>>(method: string, path: string, body?: unknown, status = 200): Promise<T> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await answer.text()
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${text}`)
    return (text ? JSON.parse(text) : {}) as T
  }

  /** Kills it and starts it again on its data. */
  async restart(): Promise<void> {
    await end(this.child)
    this.child = run(this.home, this.address, this.mode)
    await ready(this.address, this.home, this.child)
  }

  /** Kills it: the console must say that it is away. */
  async kill(): Promise<void> {
    await end(this.child)
  }

  async stop(): Promise<void> {
    await end(this.child)
    rmSync(this.home, { recursive: true, force: true })
  }
}

function run(home: string, address: string, { dev }: Mode): ChildProcess {
  const log = openSync(join(home, 'log'), 'a')
  const files = ['--data', join(home, 'data'), '--key-file', join(home, 'master.key'), '--admin-key-file', join(home, 'admin.key')]
  return spawn(BINARY, ['serve', ...(dev ? ['--dev'] : []), '--http', address, ...files], { cwd: home, stdio: ['ignore', 'ignore', log] })
}

async function ready(address: string, home: string, child: ChildProcess): Promise<void> {
  await until('the server is ready', async () => {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${readFileSync(join(home, 'log'), 'utf8')}`)
    const answer = await fetch(`http://${address}/readyz`).catch(() => null)
    return answer?.ok ?? false
  })
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    child.once('exit', () => done())
    child.kill('SIGKILL')
  })
}

// Below those that systems give to outgoing calls: a server that is killed finds its own free again.
const PORTS = { from: 15_000, count: 15_000 }

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((told) => {
    const probe = createServer()
    probe.once('error', () => told(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => told(true)))
  })
}
