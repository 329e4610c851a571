import type { Backend, Features } from '@jobport/core'

export type Everything = { readonly [Feature in keyof Features]: true }
export type Nothing = { readonly [Feature in keyof Features]: false }

/** Backends as types alone: what a user's editor knows of them. */
export declare const full: Backend<Everything, { query(text: string): void }>
export declare const bare: Backend<Nothing>
/** Known only at run time. */
export declare const dynamic: Backend
