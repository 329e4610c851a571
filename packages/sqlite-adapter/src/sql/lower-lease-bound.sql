update jobport_queues set lease_bound = ?2 where no = ?1 and (lease_bound is null or lease_bound > ?2)
