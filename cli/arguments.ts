import { Command, InvalidArgumentError, Option, type CommanderError } from 'commander'
import { encodingOptions, type EncodingOptions } from '../lib/jobs/job.ts'
import type { Credentials } from './api.ts'

export interface Request {
  files: string[]
  options: EncodingOptions
  /** The folder for the MP3s; without it, each goes beside its video. */
  out?: string
  overwrite: boolean
  /** A running server; without it, one is started for this run. */
  server?: { url: string; credentials: Credentials }
}

interface Flags {
  bitrate?: number
  quality?: number
  out?: string
  overwrite?: boolean
  server?: URL
  token?: string
}

const help = `
Each MP3 is written beside its video: holiday.avi becomes holiday.mp3.

Without --server a Tapedeck of its own does the work on this machine, in a folder below the system's temporary one
(TMPDIR), which needs room for the videos under way and is gone afterwards. With --server the videos and MP3s also stay
in your archive on that server, and what is uploaded goes on there when this program is interrupted.

Signing in at a server, one of:
  --server 'http://127.0.0.1:8080/#token=…'   the link that \`npm start\` prints
  --token, or TAPEDECK_TOKEN                  a token
  TAPEDECK_EMAIL and TAPEDECK_PASSWORD        an account

Exit code: 0 all converted, 1 some failed, 2 the command is wrong, 130 interrupted.`

/** What the command line asks for. Prints a message and throws CommanderError where it is wrong, and after --help. */
export function readArguments(args: string[], env: NodeJS.ProcessEnv): Request {
  const command = new Command('npm run convert --')
    .description('Converts videos into MP3s.')
    .argument('<FILE...>', 'videos: AVI, MP4, MOV, MKV or WebM')
    .addOption(
      option('--bitrate <N>', 'constant bitrate, 64 to 320 kbit/s')
        .conflicts('quality')
        .argParser(encoding('bitrate')),
    )
    .addOption(
      option('--quality <N>', 'variable bitrate, 0 (best) to 9 (smallest)').argParser(encoding('quality')),
    )
    .option('--out <DIR>', 'write the MP3s into this folder, which is created')
    .option('--overwrite', 'replace MP3s that exist already')
    .addOption(option('--server <URL>', 'use a running Tapedeck').argParser(serverUrl))
    .option('--token <TOKEN>', 'sign in at the server with this token')
    .addHelpText('after', help)
    .exitOverride()
  command.parse(args, { from: 'user' })
  const { bitrate, quality, out, overwrite = false, server, token } = command.opts<Flags>()
  if (token !== undefined && !server) command.error('error: --token is for a --server: name that, too.')
  return {
    files: command.args,
    options: { ...(bitrate !== undefined && { bitrate }), ...(quality !== undefined && { quality }) },
    overwrite,
    ...(out !== undefined && { out }),
    ...(server && {
      server: { url: baseUrl(server), credentials: findCredentials(command, server, token, env) },
    }),
  }
}

/** 0 where only help was asked for; 2, as usual for a wrong command line, otherwise. */
export const exitCodeOf = (error: CommanderError): number => (error.exitCode === 0 ? 0 : 2)

const option = (flags: string, description: string): Option => new Option(flags, description)

/** A number as the API takes it. */
function encoding(name: keyof EncodingOptions): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    const { error } = encodingOptions.safeParse({ [name]: value })
    if (error) throw new InvalidArgumentError(`It ${error.issues[0]?.message ?? 'is not valid'}.`)
    return value
  }
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') return url
  throw new InvalidArgumentError('It must be a URL such as https://example.com or http://127.0.0.1:8080.')
}

const baseUrl = ({ origin, pathname }: URL): string => origin + pathname.replace(/\/+$/, '')

function findCredentials(
  command: Command,
  server: URL,
  token: string | undefined,
  env: NodeJS.ProcessEnv,
): Credentials {
  const { TAPEDECK_TOKEN, TAPEDECK_EMAIL: email, TAPEDECK_PASSWORD: password } = env
  const linked = /^#token=(.+)$/.exec(server.hash)?.[1]
  const found = token ?? linked ?? TAPEDECK_TOKEN
  if (found) return { token: found }
  if (email && password) return { email, password }
  return command.error(
    `error: signing in at ${baseUrl(server)} needs one of: the link with #token=… as --server; --token; ` +
      'TAPEDECK_TOKEN; or TAPEDECK_EMAIL and TAPEDECK_PASSWORD.',
  )
}
