/** AMQP 0-9-1, as far as messages need it. */

/** Kinds of frames. */
export const METHOD = 1
export const HEADER = 2
export const BODY = 3
export const END = 0xce
/** Of a frame: kind, channel and size before what it holds, and its end. */
export const BEGINNING = 7
export const AROUND = BEGINNING + 1

/** The class of methods that handle messages, and of them the one that publishes and the one that delivers. */
export const BASIC = 60
export const PUBLISH = 40
export const DELIVER = 60

/** Which properties a message has. They follow in this order. */
export const HEADERS = 0x2000
export const DELIVERY_MODE = 0x1000
export const PRIORITY = 0x0800
export const EXPIRATION = 0x0100
export const MESSAGE_ID = 0x0080
export const TYPE = 0x0020
export const APP_ID = 0x0008

/** Types of values in a table. */
export const TEXT = 'S'.charCodeAt(0)
export const DOUBLE = 'd'.charCodeAt(0)
export const INTEGER = 'l'.charCodeAt(0)
