/**
 * What the example services share, so that each of them shows only what is its own.
 * @module
 */
export { ClientError, UnavailableError } from './client-error.ts'
export { ConfigurationError, readConfiguration, type EnvironmentName, type Variables } from './configuration.ts'
export { createHttp, describeProblem, type Http, type HttpOptions, type HttpProblem } from './http.ts'
export { createLog, type Logger, type LogOptions } from './log.ts'
export { observe, serveEndpoints, type Operations, type OperationsOptions } from './operations.ts'
export { measureRequests } from './request-metrics.ts'
export { sqsDefaults, sqsOptions, sqsVariables } from './sqs.ts'
export { runService, type Stopping } from './run-service.ts'
export { common, flag, list, number, port, url } from './variables.ts'
