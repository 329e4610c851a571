import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'

/** An SDK that keeps its spans in memory. */
export class TestTracing {
  readonly #exporter = new InMemorySpanExporter()
  readonly #provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: this.#exporter })] })

  constructor() {
    trace.setGlobalTracerProvider(this.#provider)
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  }

  get spans(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans()
  }

  /** The newest of that name. */
  span(name: string): ReadableSpan {
    const found = this.spans.findLast((span) => span.name === name)
    if (found === undefined) throw new Error(`no span ${name} among ${this.spans.map((span) => span.name).join(', ')}`)
    return found
  }

  async stop(): Promise<void> {
    await this.#provider.shutdown()
    trace.disable()
    context.disable()
    propagation.disable()
  }
}
