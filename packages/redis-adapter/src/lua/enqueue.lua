-- ARGV: whether this is a cluster, then a batch of jobs. Answers with index and holder of each job that was not stored.
return (store(queue_at(1), 2, ARGV[1] == '1'))
