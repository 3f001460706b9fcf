ALTER TABLE `chat_thread` ADD `redirected_by` bigint DEFAULT 0 NOT NULL;
