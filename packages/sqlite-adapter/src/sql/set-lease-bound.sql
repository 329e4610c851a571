update jobport_queues set lease_bound = ?2 where no = ?1
