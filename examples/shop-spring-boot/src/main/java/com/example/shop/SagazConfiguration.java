package com.example.shop;

import io.sagaz.storage.postgres.RoutingSagaStore;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The store, which Spring closes at the end. */
@Configuration(proxyBeanMethods = false)
class SagazConfiguration {
    @Bean
    RoutingSagaStore sagaStore(SagazProperties sagaz) {
        return RoutingSagaStore.builder()
                .write(sagaz.write().config())
                .read(sagaz.read().config())
                .direct(sagaz.direct().config())
                .build();
    }
}
