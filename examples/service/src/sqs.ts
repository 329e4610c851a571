import { z } from 'zod'
import { url } from './variables.ts'

/** How a service reaches SQS, by the names that the AWS SDK gives them. Without keys the SDK looks for them itself: on AWS a service has a role and needs none. */
export const sqsVariables = {
  SQS_ENDPOINT: url('where an emulator of SQS is', 'http:', 'https:').optional(),
  AWS_REGION: z.string().describe('the region of the queues, such as eu-west-1'),
  AWS_ACCESS_KEY_ID: z.string().optional(),
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
} as const

/** For development: an emulator on this machine, which takes any keys. */
export const sqsDefaults = {
  SQS_ENDPOINT: 'http://localhost:4566',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'development',
  AWS_SECRET_ACCESS_KEY: 'development',
} as const

/** What was read, as options of an SQS client. */
export function sqsOptions({
  SQS_ENDPOINT: endpoint,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
}: { readonly [K in keyof typeof sqsVariables]: z.output<(typeof sqsVariables)[K]> }) {
  return {
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
  }
}
