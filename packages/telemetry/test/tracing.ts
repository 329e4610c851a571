import { trace, TraceFlags, type SpanContext, type TextMapPropagator } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace'
import * as sdk from '@opentelemetry/sdk-trace'

const exporter = new InMemorySpanExporter()
console.log(Object.keys(sdk))
let provider: any

/** A tracer provider that remembers its spans. */
export function startTracing(): void {
  exporter.reset()
}
export async function stopTracing(): Promise<void> {}
export const spans = { all: (): readonly ReadableSpan[] => exporter.getFinishedSpans(), named: (name: string): ReadableSpan | undefined => undefined }
