/**
 * Jobs on Amazon SQS: standard and FIFO queues.
 * @module
 */
export { sqsBackend, type SqsBackend } from './sqs-backend.ts'
export type { Retry, SqsBackendOptions } from './options.ts'
export type { SqsFeatures } from './limits.ts'
export type { RedriveOptions } from './verbs/redrive.ts'
export type { BlobStore } from './blobs/blob-store.ts'
export { fileBlobs } from './blobs/file-blobs.ts'
export { s3Blobs, type S3BlobsOptions, type S3Like } from './blobs/s3-blobs.ts'
export type { Decode, ForeignJob, ForeignMessage } from './message/foreign.ts'
export { lambdaHandler, type LambdaFunction, type LambdaHandlerOptions } from './lambda/lambda-handler.ts'
export type { LambdaAnswer, LambdaContext, LambdaEvent, LambdaRecord } from './lambda/event.ts'
