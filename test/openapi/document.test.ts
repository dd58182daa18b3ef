import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { servedRoutes } from '../../functions/shared/http-function.ts'
import { functions } from '../../lib/functions.ts'
import { jobStatuses } from '../../lib/jobs/job.ts'
import { jobErrorCodes, jobWarningCodes, problemCodes, type ProblemCode } from '../../lib/problems.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { isProblem, readOpenApi } from './document.ts'

const api = await readOpenApi()

const enumOf = (schema: string): unknown => api.find('components', 'schemas', schema).value['enum']

describe('openapi.yaml', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    assert.match(String(api.document['openapi']), /^3\.1\./)
    const { valid, errors } = await new Validator().validate(structuredClone(api.document))
    assert.ok(valid, JSON.stringify(errors, undefined, 2))
  })

  it('is of the version that the package is', () => {
    assert.equal((api.document['info'] as { version: string }).version, packageJson.version)
  })

  it('has schemas that are valid JSON Schemas', () => {
    for (const [name, schema] of Object.entries(api.find('components', 'schemas').value))
      assert.equal(api.schemaMistakes(schema), '', name)
  })

  it('gives examples that its own schemas allow', () => {
    for (const { schema, examples } of api.answers) {
      for (const example of Object.values(examples)) {
        assert.ok(schema)
        assert.equal(api.mistakes(schema, example), '')
      }
    }
  })

  it('gives one example for each code that an answer can have, with its status and title', () => {
    for (const { mediaType, status, examples } of api.answers.filter(isProblem)) {
      assert.notEqual(Object.keys(examples).length, 0, `${status} ${mediaType}`)
      for (const [name, example] of Object.entries(examples)) {
        const { code, title, status: own } = example as { code: ProblemCode; title: string; status: number }
        assert.deepEqual([code, own, title], [name, ...problemCodes[code]])
        if (status !== 'default') assert.equal(String(own), status)
      }
    }
  })

  it('knows the codes and statuses that the code knows', () => {
    assert.deepEqual(enumOf('ProblemCode'), Object.keys(problemCodes))
    assert.deepEqual(enumOf('JobErrorCode'), jobErrorCodes)
    assert.deepEqual(enumOf('JobWarningCode'), jobWarningCodes)
    assert.deepEqual(enumOf('JobStatus'), jobStatuses)
    assert.deepEqual(
      enumOf('ListedStatus'),
      jobStatuses.filter((status) => status !== 'DELETED'),
    )
  })

  it('has the routes that the functions serve, for the same callers, and no other', async () => {
    for (const { folder, trigger } of Object.values(functions))
      if (trigger.kind === 'http') await import(`../../functions/${folder}/index.ts`)
    const served = [...servedRoutes].flatMap(([name, routes]) =>
      routes.map(({ method, path, access }) => {
        const below = path === '/' ? '' : path.replace(/:(\w+)/g, '{$1}')
        return `${method} /${name}${below} ${access === 'anyone' ? 'without' : 'with'} a token`
      }),
    )
    const described = api.operations.map(
      ({ method, path, security }) =>
        `${method} ${path} ${security.includes('token') ? 'with' : 'without'} a token`,
    )
    assert.deepEqual(described.toSorted(), served.toSorted())
  })
})
