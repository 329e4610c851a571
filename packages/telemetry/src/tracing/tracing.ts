import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import type { Instrumentation, JobHeaders, JobInfo, Ms } from '@jobport/core'
import { attributesOf, byQueue, errorType, SCOPE } from './conventions.ts'

export interface TracingOptions {
  /** Default: the global one, which does nothing until an SDK is set up. */
  readonly tracerProvider?: TracerProvider
  /**
   * What the run of a job is to the enqueue that made it: `child` keeps both in one trace; `link` begins a trace of its own that points to the other, for jobs that
   * run long afterwards. Runs of a batch are linked in any case. Default `child`, with a link besides.
   */
  readonly relation?: 'child' | 'link'
}

/**
 * Spans for enqueues (`send <queue>`), claims that bring jobs (`receive <queue>`), handlers (`process <queue>`) and outcomes (`settle <queue>`). Claims and outcomes
 * are of many jobs at once: their spans are traces of their own, linked to what made each job. The trace context travels in the headers of the jobs, in the format of the propagator that
 * is set up, W3C `traceparent` and `tracestate` mostly, and goes on to what follows from a job. Spans hold no payload and no error message.
 */
export function createTracing(
  options: TracingOptions = {},
): Required<Pick<Instrumentation, 'send' | 'received' | 'process' | 'settled'>> {
  const { relation = 'child', tracerProvider } = options
  const tracer = (): Tracer => (tracerProvider ?? trace).getTracer(SCOPE)
  /** The span of something that is over. */
  const past = (operation: 'receive' | 'settle', queue: string, jobs: readonly JobInfo[], took: Ms): Span =>
    tracer().startSpan(
      `${operation} ${queue}`,
      {
        kind: SpanKind.CLIENT,
        startTime: Date.now() - took,
        attributes: { ...attributesOf(operation, queue), ...sizeOf(jobs) },
        links: linksTo(jobs.map(contextOf)),
      },
      ROOT_CONTEXT,
    )
  return {
    async send({ queue, name, count }, send) {
      const attributes = {
        ...attributesOf('send', queue, name),
        ...(count > 1 && { 'messaging.batch.message_count': count }),
      }
      const span = tracer().startSpan(`send ${queue}`, { kind: SpanKind.PRODUCER, attributes })
      const inSpan = trace.setSpan(context.active(), span)
      const headers: Record<string, string> = {}
      propagation.inject(inSpan, headers)
      try {
        const sent = await context.with(inSpan, () => send(headers))
        if ('id' in sent) span.setAttributes({ 'messaging.message.id': sent.id, 'jobport.duplicate': sent.duplicate })
        return sent
      } catch (error) {
        fail(span, error)
        throw error
      } finally {
        span.end()
      }
    },
    received: (queue, jobs, took) => past('receive', queue, jobs, took).end(),
    settled(all, took, error) {
      for (const [queue, jobs] of byQueue(all)) {
        const span = past('settle', queue, jobs, took)
        if (error !== undefined) fail(span, error)
        span.end()
      }
    },
    process(jobs, run) {
      const parents = jobs.map(contextOf)
      const parent = relation === 'child' && parents.length === 1 ? parents[0]! : ROOT_CONTEXT
      const span = tracer().startSpan(
        `process ${jobs[0]!.queue}`,
        { kind: SpanKind.CONSUMER, attributes: processAttributes(jobs), links: linksTo(parents) },
        parent,
      )
      const inSpan = trace.setSpan(parent, span)
      const carried: Record<string, string> = {}
      propagation.inject(inSpan, carried)
      return ended(span, () => context.with(inSpan, () => run(carried as JobHeaders)))
    },
  }
}

function processAttributes(jobs: readonly JobInfo[]): Attributes {
  const { queue, name, attempt } = jobs[0]!
  const own = jobs.length === 1 && { 'jobport.job.attempt': attempt }
  return { ...attributesOf('process', queue, name), ...sizeOf(jobs), ...own }
}

function sizeOf(jobs: readonly JobInfo[]): Attributes {
  return jobs.length === 1 ? { 'messaging.message.id': jobs[0]!.id } : { 'messaging.batch.message_count': jobs.length }
}

/** Of whoever made the job. */
function contextOf({ headers }: JobInfo): Context {
  return propagation.extract(ROOT_CONTEXT, headers)
}

function linksTo(contexts: readonly Context[]): Link[] {
  return contexts.flatMap((each) => {
    const created = trace.getSpanContext(each)
    return created === undefined ? [] : [{ context: created }]
  })
}

/** Ends the span with the call, which may answer at once or later. */
function ended(span: Span, call: () => unknown): unknown {
  let value: unknown
  try {
    value = call()
  } catch (error) {
    fail(span, error)
    span.end()
    throw error
  }
  if (!(value instanceof Promise)) {
    span.end()
    return value
  }
  return value.then(
    (late: unknown) => {
      span.end()
      return late
    },
    (error: unknown) => {
      fail(span, error)
      span.end()
      throw error
    },
  )
}

function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', errorType(error))
  span.setStatus({ code: SpanStatusCode.ERROR })
}
