delete from loaded_rejects where file = ?1 and line in (select line from loaded_rejects where file = ?1 limit ?2)
