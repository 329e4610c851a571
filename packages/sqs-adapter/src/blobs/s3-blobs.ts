import type { BlobStore } from './blob-store.ts'

/** What is used of an S3 client; `S3` of `@aws-sdk/client-s3` has it, and so may a client for any store that speaks S3. */
export interface S3Like {
  putObject(input: {
    readonly Bucket: string
    readonly Key: string
    readonly Body: string
    readonly ContentType: string
  }): Promise<unknown>
  getObject(input: { readonly Bucket: string; readonly Key: string }): Promise<{
    readonly Body?: { transformToString(): Promise<string> } | undefined
  }>
  deleteObject(input: { readonly Bucket: string; readonly Key: string }): Promise<unknown>
}

export interface S3BlobsOptions {
  readonly bucket: string
  /** Begins the key of every object. Default: none. */
  readonly prefix?: string
}

/**
 * Blobs as objects of an S3 bucket.
 * @example
 * const backend = sqsBackend({ blobs: s3Blobs(new S3(), { bucket: 'jobs', prefix: 'payloads/' }) })
 */
export function s3Blobs(client: S3Like, { bucket, prefix = '' }: S3BlobsOptions): BlobStore {
  const at = (key: string): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: prefix + key })
  return {
    async put(key, text) {
      await client.putObject({ ...at(key), Body: text, ContentType: 'application/json' })
    },
    async get(key) {
      try {
        const { Body } = await client.getObject(at(key))
        return await Body?.transformToString()
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined
        throw error
      }
    },
    async delete(key) {
      await client.deleteObject(at(key))
    },
  }
}
