delete from loaded_requests where file = ?1 and line in (select line from loaded_requests where file = ?1 limit ?2)
