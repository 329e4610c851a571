import { BackendError } from '@jobport/core/adapter'
import type { QueueAttributeName } from '@aws-sdk/client-sqs'
import { NAME, REQUEST_BYTES, seconds } from '../limits.ts'
import type { Settings } from '../options.ts'

export type Attributes = Partial<Record<QueueAttributeName, string>>

/** What is asked of a queue. */
export const LOOKED_AT: readonly QueueAttributeName[] = [
  'RedrivePolicy',
  'MessageRetentionPeriod',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'DelaySeconds',
  'FifoQueue',
]

type Wishes = Pick<Settings, 'fifo' | 'maxReceives' | 'retention' | 'visibility'>

/** The longest that there is: nobody should have to hurry to look at dead jobs. */
const RETENTION_OF_THE_DEAD = 14 * 86_400

const FIFO_QUEUE: Attributes = {
  FifoQueue: 'true',
  // Groups do not wait for each other.
  DeduplicationScope: 'messageGroup',
  FifoThroughputLimit: 'perMessageGroupId',
}

export function attributesOfDead({ fifo }: Wishes): Attributes {
  return { MessageRetentionPeriod: String(RETENTION_OF_THE_DEAD), ...(fifo && FIFO_QUEUE) }
}

export function attributesOfQueue({ fifo, maxReceives, retention, visibility }: Wishes, deadArn: string): Attributes {
  return {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: maxReceives }),
    MessageRetentionPeriod: String(seconds(retention)),
    ...(visibility !== undefined && { VisibilityTimeout: String(seconds(visibility)) }),
    ...(fifo && FIFO_QUEUE),
  }
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/**
 * Holds a queue against what the backend was told.
 * @throws BackendError `unsupported` where jobs would be lost or never come to rest.
 */
export function check(
  url: string,
  attributes: Attributes,
  wishes: Wishes,
): { readonly policy: RedrivePolicy; readonly warnings: readonly string[] } {
  const refuse = (problem: string): never => {
    throw new BackendError('unsupported', NAME, `the queue ${url} ${problem}`)
  }
  const policy = policyOf(attributes.RedrivePolicy)
  if ((attributes.FifoQueue === 'true') !== wishes.fifo)
    refuse(wishes.fifo ? 'is a standard queue; give `fifo: false`' : 'is a FIFO queue; give `fifo: true`')
  if (policy === undefined)
    return refuse(
      'has no dead-letter queue, so dead and unreadable jobs could go nowhere; set its RedrivePolicy, or let `create: true` make the queue',
    )
  const { maxReceives, retention, visibility } = wishes
  if (policy.maxReceiveCount < maxReceives)
    refuse(
      `gives up on a job after ${policy.maxReceiveCount} claims; raise maxReceiveCount of its RedrivePolicy to ${maxReceives}, or lower \`maxReceives\``,
    )
  const kept = Number(attributes.MessageRetentionPeriod ?? Infinity)
  if (kept < seconds(retention))
    refuse(
      `drops jobs after ${kept} s; raise its MessageRetentionPeriod to ${seconds(retention)}, or lower \`retention\``,
    )
  const visible = Number(attributes.VisibilityTimeout ?? Infinity)
  if (visibility !== undefined && visible < seconds(visibility))
    refuse(
      `shows a job again after ${visible} s; raise its VisibilityTimeout to ${seconds(visibility)}, or lower \`visibility\``,
    )
  return { policy, warnings: warningsOf(url, attributes) }
}

function warningsOf(url: string, { MaximumMessageSize, DelaySeconds }: Attributes): readonly string[] {
  const warnings: string[] = []
  if (Number(MaximumMessageSize ?? REQUEST_BYTES) < REQUEST_BYTES)
    warnings.push(
      `The queue ${url} refuses messages of more than ${MaximumMessageSize} bytes; set its MaximumMessageSize to ${REQUEST_BYTES}.`,
    )
  if (Number(DelaySeconds ?? 0) > 0)
    warnings.push(`The queue ${url} delays every message by ${DelaySeconds} s; set its DelaySeconds to 0.`)
  return warnings
}

function policyOf(text: string | undefined): RedrivePolicy | undefined {
  if (text === undefined || text === '') return undefined
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as Partial<RedrivePolicy>
  if (deadLetterTargetArn === undefined) return undefined
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) }
}
