import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs'

/** What AWS Lambda calls a function with, as far as it is used here; `SQSEvent` of `@types/aws-lambda` fits. */
export interface LambdaEvent {
  readonly Records: readonly LambdaRecord[]
}

export interface LambdaRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: {
    readonly ApproximateReceiveCount: string
    readonly SentTimestamp: string
    readonly MessageGroupId?: string | undefined
  }
  readonly messageAttributes: Readonly<
    Record<
      string,
      {
        readonly dataType: string
        readonly stringValue?: string | undefined
        readonly binaryValue?: string | undefined
      }
    >
  >
  readonly eventSourceARN: string
}

/** The part of the context of AWS Lambda that is used. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
}

/** The partial batch response: messages that are to come again. */
export interface LambdaAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** As `ReceiveMessage` would give it. */
export function messageOf({ messageId, receiptHandle, body, attributes, messageAttributes }: LambdaRecord): Message {
  const { ApproximateReceiveCount, SentTimestamp, MessageGroupId } = attributes
  return {
    MessageId: messageId,
    ReceiptHandle: receiptHandle,
    Body: body,
    Attributes: { ApproximateReceiveCount, SentTimestamp, ...(MessageGroupId !== undefined && { MessageGroupId }) },
    MessageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
        name,
        {
          DataType: dataType,
          ...(stringValue !== undefined && { StringValue: stringValue }),
          ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, 'base64') }),
        } satisfies MessageAttributeValue,
      ]),
    ),
  }
}
