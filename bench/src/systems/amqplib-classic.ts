import { amqplib } from '../amqplib.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () => amqplib('classic')
