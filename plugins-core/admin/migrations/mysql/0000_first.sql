CREATE TABLE `admin_fact` (
	`name` varchar(32) NOT NULL,
	`value` varchar(64) NOT NULL,
	`at` bigint NOT NULL,
	CONSTRAINT `admin_fact_name_pk` PRIMARY KEY(`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
