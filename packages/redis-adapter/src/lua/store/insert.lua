-- ARGV: longest delay and grace of the hand-off, its origin, then a batch of jobs. Answers with index and holder of each job that was not stored.
handed_delay, grace, origin = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
return (store(queue_at(1), 4, '0'))
