import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { functions } from '../../lib/functions.ts'
import { describeDeployment } from './deployment.ts'

describe('the description of a deployment', () => {
  const deployment = describeDeployment(new Map([['transcode', ['PLATFORM', 'TARGET_BUCKET']]]))

  it('has every row of the table of functions', () => {
    assert.deepEqual(Object.keys(deployment.functions), Object.keys(functions))
    assert.deepEqual(deployment.functions['sweep'], { ...functions.sweep, variables: [] })
  })

  it('gives functions of one folder the variables that their bundle reads', () => {
    assert.deepEqual(deployment.functions['transcode']?.variables, ['PLATFORM', 'TARGET_BUCKET'])
    assert.deepEqual(deployment.functions['work']?.variables, ['PLATFORM', 'TARGET_BUCKET'])
  })

  it('leaves out the indexes that Firestore makes by itself', () => {
    const { indexes } = deployment
    assert.ok(indexes.length > 0)
    assert.deepEqual(
      indexes.filter(({ fields }) => fields.length < 2),
      [],
    )
  })

  it('survives the way through JSON', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(deployment)), deployment)
  })
})
