update jobport_leases set lease_until = ?2 where no = ?1
