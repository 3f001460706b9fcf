ALTER TABLE `operators_operator` ADD `last_seen_at` bigint DEFAULT 0 NOT NULL;
