CREATE TABLE `transcript_wish` (
	`thread_id` bigint NOT NULL,
	`sender_key` varchar(43) NOT NULL,
	`digest` varchar(43) NOT NULL,
	`sent_at` bigint NOT NULL,
	CONSTRAINT `transcript_wish_thread_id_sender_key_pk` PRIMARY KEY(`thread_id`,`sender_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
