import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = import.meta.dirname

/** The command line's configuration that says where the providers are: the developer's own, or that of `providers.sh`. */
const configFile = [process.env['TF_CLI_CONFIG_FILE'] ?? '', join(folder, '.providers/terraform.rc')].find(
  (file) => existsSync(file) && readFileSync(file, 'utf8').includes('dev_overrides'),
)

const isInstalled = spawnSync('terraform', ['-help']).status === 0
// What `terraform init` has fetched is as good.
const hasProviders = configFile !== undefined || existsSync(join(folder, '.terraform/providers'))

/** The reason for which tests that need Terraform are skipped here, if they are. REQUIRE_TERRAFORM=1 makes it an error. */
export const skipWithoutTerraform = skip(isInstalled, 'terraform is not on this machine')
/** The same for its providers. */
export const skipWithoutProviders =
  skipWithoutTerraform ||
  skip(
    hasProviders,
    "Terraform's providers are not on this machine; infra/terraform/providers.sh builds them",
  )

function skip(isThere: boolean, reason: string): string | false {
  if (!isThere && process.env['REQUIRE_TERRAFORM'] === '1') throw new Error(`${reason}.`)
  return isThere ? false : reason
}

export interface Run {
  code: number
  /** Both outputs, as a person would see them. */
  text: string
  stdout: string
}

/** Runs Terraform with its providers, in the configuration's folder or in `cwd`. Nothing beyond this machine is asked. */
export function terraform(args: string[], { cwd = folder, input = '' } = {}): Promise<Run> {
  const env = {
    ...process.env,
    ...(configFile !== undefined && { TF_CLI_CONFIG_FILE: configFile }),
    TF_IN_AUTOMATION: '1',
    // Its processes live for seconds: what they leave need not be collected, which takes a sixth of their time.
    GOGC: '400',
    CHECKPOINT_DISABLE: '1',
    GOOGLE_OAUTH_ACCESS_TOKEN: 'none',
    HTTPS_PROXY: 'http://127.0.0.1:9',
  }
  return new Promise((resolve, reject) => {
    const child = execFile('terraform', args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: Number(error?.code ?? 0), text: stdout + stderr, stdout })
    })
    child.stdin?.end(input)
  })
}

/** The same, for the output of what must succeed. */
export async function terraformOutput(...[args, options]: Parameters<typeof terraform>): Promise<string> {
  const { code, text, stdout } = await terraform(args, options)
  if (code !== 0) throw new Error(`terraform ${args[0]} ended with ${code}:\n${text}`)
  return stdout
}

/** The variables that have no default, and the build. */
export const variables = (buildDir: string): string[] =>
  ['project_id=some-project', 'region=europe-west3', `build_dir=${buildDir}`].flatMap((value) => [
    '-var',
    value,
  ])

/** Files without resources: what they compute can be had without any provider. */
const pureFiles = ['variables.tf', 'deployment.tf', 'settings.tf', 'rights.tf']

/** A mail server, which a deployment may go without. */
export const withMail = [
  '-var=mail_from=Tapes <tapes@example.com>',
  '-var=smtp_url=smtps://name:secret@example.com',
]

/** What these locals of the configuration are, for the build in `buildDir` and a deployment with all that there is. */
export async function evaluateLocals<T>(names: readonly (keyof T & string)[], buildDir: string): Promise<T> {
  const cwd = await mkdtemp(join(tmpdir(), 'tapedeck-terraform-'))
  try {
    for (const name of pureFiles) await copyFile(join(folder, name), join(cwd, name))
    const fields = names.map((name) => `${name} = local.${name}`)
    const input = `jsonencode({ ${fields.join(', ')} })\n`
    const output = await terraformOutput(['console', ...variables(buildDir), ...withMail], { cwd, input })
    // The console shows a string as Terraform would write it, which here is how JSON would.
    return JSON.parse(JSON.parse(output) as string) as T
  } finally {
    await rm(cwd, { recursive: true })
  }
}
