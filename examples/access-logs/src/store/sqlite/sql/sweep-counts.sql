delete from loaded_counts where rowid in (select rowid from loaded_counts where file = ?1 limit ?2)
