from django.urls import path

from contracts.views import agreements, purchases

app_name = "contracts"
urlpatterns = [
    path("clientes/<int:client_pk>/compras/nova/", purchases.purchase_create, name="purchase_create"),
    path("compras/<int:pk>/editar/", purchases.purchase_edit, name="purchase_edit"),
    path("compras/<int:pk>/cancelar/", purchases.purchase_cancel, name="purchase_cancel"),
    path("compras/<int:pk>/devolver/", purchases.purchase_return, name="purchase_return"),
    path("compras/<int:pk>/restaurar/", purchases.purchase_restore, name="purchase_restore"),
    path("clientes/<int:client_pk>/contratos/novo/", agreements.contract_create, name="contract_create"),
    path("contratos/<int:pk>/editar/", agreements.contract_edit, name="contract_edit"),
    path("contratos/<int:pk>/renovar/", agreements.contract_renew, name="contract_renew"),
    path("contratos/<int:pk>/cancelar/", agreements.contract_cancel, name="contract_cancel"),
    path("contratos/<int:pk>/restaurar/", agreements.contract_reinstate, name="contract_reinstate"),
    path("contratos/<int:pk>/nao-renova/", agreements.contract_will_not_renew, name="contract_will_not_renew"),
]
